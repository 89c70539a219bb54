// Google's own clients, led to a server of this machine.
//
// Their REST transport calls auth.fetch(): with the plain one, errors come
// as GoogleError with the number of a gRPC code, which is what is tested.
function localAuth() {
  const authorization = 'Bearer local';
  return {
    universeDomain: 'googleapis.com',
    getRequestHeaders: async () => new Headers({ authorization }),
    getProjectId: async () => 'demo',
    fetch: (url, init) => {
      const headers = new Headers(init.headers);
      headers.set('authorization', authorization);
      return fetch(url, { method: init.method, body: init.body,
        signal: init.signal, headers });
    },
  };
}

// Generated clients write enums as numbers; asNames has them write names.
export function make(Client, port, { asNames = false } = {}) {
  const client = new Client({ fallback: true, protocol: 'http',
    apiEndpoint: '127.0.0.1', port, authClient: localAuth(),
    projectId: 'demo' });
  if (asNames) client._gaxGrpc.numericEnums = false;
  return client;
}
