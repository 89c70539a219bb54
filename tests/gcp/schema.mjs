// Requests and answers of Google's REST APIs, judged by Google's own protos.
//
//   request({ method, url, body })  -> { rpc, type, errors, warnings }
//   response(type, json)            -> errors
//   message(name, json)             -> errors, of a message by its full name
//
// The protos.json inside the official clients are the schema. Their own
// verify(), fromObject() and the JSON serializer take unknown fields and
// names of enums without a word; this reads every field, and wants what
// Google writes: lowerCamelCase, names of enums, int64 as decimal text.
import { createRequire } from 'node:module';
import pb from 'protobufjs';

const require = createRequire(import.meta.url);
const PACKAGES = ['run', 'redis', 'monitoring', 'logging-api', 'cloudbuild',
  'vpc-access'];
// Served by every API that has them; in no proto of its own.
const OPERATIONS = [
  ['GetOperation', 'get', '/v{n}/{name=projects/*/locations/*/operations/*}'],
  ['ListOperations', 'get', '/v{n}/{name=projects/*/locations/*}/operations'],
  ['WaitOperation', 'post',
    '/v{n}/{name=projects/*/locations/*/operations/*}:wait', '*'],
  ['CancelOperation', 'post',
    '/v{n}/{name=projects/*/locations/*/operations/*}:cancel', '*'],
];
// Newer than the protos; in the discovery documents that gcloud is made of.
const DISCOVERY_ONLY = {
  'google.cloud.run.v2.UpdateServiceRequest':
    ['forceNewRevision', 'forceBuild'],
};
const SYSTEM = /^\$?(alt|fields|key|prettyPrint|quotaUser|xgafv|userProject)$/;
const TIMESTAMP =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const INTEGER = /^-?\d+$/;
const INT32 = ['int32', 'uint32', 'sint32', 'fixed32', 'sfixed32'];
const INT64 = ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'];

const nameOf = (type) => type.fullName.slice(1);
const camel = (s) => s.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());
const isMap = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const behaves = (field, how) => [].concat(
  (field.parsedOptions || []).map((o) => o['(google.api.field_behavior)']),
  (field.options || {})['(google.api.field_behavior)']).includes(how);

const roots = [], rules = [];

// A rule of google.api.http as an expression for paths.
function addRule(method, binding) {
  const verb = ['get', 'post', 'patch', 'put', 'delete']
    .find((v) => binding[v]);
  if (!verb) return;
  const variables = [];
  const stars = (s) => s.replace(/\*\*|\*/g,
    (x) => (x === '**' ? '.+' : '[^/]+'));
  const path = binding[verb].replace('{n}', '[123]').split(/(\{[^}]+\})/)
    .map((part) => {
      if (part[0] !== '{') return part.replace(/[.]/g, '\\.');
      const [field, pattern] = part.slice(1, -1).split('=');
      variables.push(field);
      return `(${stars(pattern || '*')})`;
    }).join('');
  rules.push({ verb: verb.toUpperCase(), path: new RegExp(`^${path}$`),
    colon: /:\w+$/.test(binding[verb]), variables, body: binding.body,
    method });
}

function addRules(space) {
  if (space instanceof pb.Service) {
    for (const method of space.methodsArray) {
      for (const option of method.parsedOptions || []) {
        const http = option['(google.api.http)'];
        if (!http) continue;
        const more = [].concat(http.additional_bindings || []);
        for (const binding of [http, ...more]) addRule(method, binding);
      }
    }
  }
  (space.nestedArray || []).forEach(addRules);
}

for (const name of PACKAGES) {
  const file = `./node_modules/@google-cloud/${name}/build/protos/protos.json`;
  const root = pb.Root.fromJSON(require(file));
  root.resolveAll();
  roots.push(root);
  addRules(root);
}
const { methods } = roots[0].lookupService('google.longrunning.Operations');
for (const [rpc, verb, path, body] of OPERATIONS)
  addRule(methods[rpc], { [verb]: path, body });

function findType(full) {
  for (const root of roots) {
    const found = root.lookup(full, [pb.Type]);
    if (found) return found;
  }
  return null;
}

function checkInt64(value, answer) {
  if (typeof value === 'string') return INTEGER.test(value);
  return !answer && Number.isSafeInteger(value);
}

function checkScalar(field, value, at, errors, answer) {
  const want = (good, what) => {
    if (!good)
      errors.push(`${at}: expected ${what}, got ${JSON.stringify(value)}`);
  };
  if (value === null) {
    want(false, 'a value (leave the field out instead of null)');
  } else if (field.resolvedType instanceof pb.Enum) {
    const { name, values } = field.resolvedType;
    want(typeof value === 'string' && value in values,
      `enum ${name} (${Object.keys(values).join('|')})`);
  } else if (field.type === 'string') {
    want(typeof value === 'string', 'string');
  } else if (field.type === 'bool') {
    want(typeof value === 'boolean', 'true or false');
  } else if (field.type === 'bytes') {
    want(typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value),
      'base64');
  } else if (INT32.includes(field.type)) {
    want(Number.isInteger(value) && Math.abs(value) <= 4294967295,
      `${field.type} number`);
  } else if (INT64.includes(field.type)) {
    want(checkInt64(value, answer), `${field.type} as decimal text`);
  } else {
    want(typeof value === 'number' || /^(NaN|-?Infinity)$/.test(value),
      field.type);
  }
}

// Types whose JSON is not that of a message: what is wrong, or "".
const WELL_KNOWN = {
  'google.protobuf.Timestamp':
    (v) => (TIMESTAMP.test(v) ? '' : 'an RFC 3339 timestamp'),
  'google.protobuf.Duration':
    (v) => (typeof v === 'string' && /^-?\d+(\.\d{1,9})?s$/.test(v)
      ? '' : 'a duration like "300s"'),
  'google.protobuf.FieldMask':
    (v) => (typeof v === 'string' ? '' : 'a field mask, words with commas'),
  'google.protobuf.Struct': (v) => (isMap(v) ? '' : 'an object'),
  'google.protobuf.Value': () => '',
  'google.protobuf.ListValue': (v) => (Array.isArray(v) ? '' : 'a list'),
};

function checkValue(field, value, at, errors, how) {
  if (field.resolvedType instanceof pb.Type)
    checkMessage(field.resolvedType, value, at, errors, how);
  else checkScalar(field, value, at, errors, how.answer);
}

function checkAny(value, at, errors, how) {
  const { '@type': full, ...rest } = value;
  if (!full) {
    errors.push(`${at}: no @type`);
    return;
  }
  const type = findType(String(full).replace('type.googleapis.com/', ''));
  if (type) checkMessage(type, rest, at, errors, how);
  else if (how.warnings) how.warnings.push(`${at}: ${full} is not known here`);
}

function checkField(field, value, at, errors, how) {
  if (field.map) {
    if (!isMap(value)) errors.push(`${at}: expected an object (map)`);
    else
      for (const [key, v] of Object.entries(value))
        checkValue(field, v, `${at}["${key}"]`, errors, how);
  } else if (field.repeated) {
    if (!Array.isArray(value)) errors.push(`${at}: expected a list`);
    else value.forEach((v, i) => checkValue(field, v, `${at}[${i}]`, errors, how));
  } else checkValue(field, value, at, errors, how);
}

function checkMessage(type, json, at, errors, how) {
  const known = WELL_KNOWN[nameOf(type)];
  const got = JSON.stringify(json);
  if (known) {
    const what = known(json);
    if (what) errors.push(`${at}: expected ${what}, got ${got}`);
    return;
  }
  if (/^google\.protobuf\.\w+Value$/.test(nameOf(type))) {
    checkScalar(type.fields.value, json, at, errors, how.answer);
    return;
  }
  if (!isMap(json)) {
    errors.push(`${at}: expected object ${type.name}, got ${got}`);
    return;
  }
  if (nameOf(type) === 'google.protobuf.Any') {
    checkAny(json, at, errors, how);
    return;
  }
  const groups = {};
  for (const [key, value] of Object.entries(json)) {
    const field = type.fields[key], here = at ? `${at}.${key}` : key;
    if (!field) {
      const right = type.fields[camel(key)] ? ` (write ${camel(key)})` : '';
      errors.push(`${here}: no such field in ${nameOf(type)}${right}`);
      continue;
    }
    if (how.warnings && behaves(field, 'OUTPUT_ONLY'))
      how.warnings.push(`${here}: output only, the server does not look`);
    if (field.partOf && !field.partOf.name.startsWith('_'))
      (groups[field.partOf.name] ||= []).push(key);
    checkField(field, value, here, errors, how);
  }
  for (const [group, keys] of Object.entries(groups))
    if (keys.length > 1)
      errors.push(`${at || nameOf(type)}: oneof ${group} set twice ` +
        `(${keys.join(', ')})`);
}

// The field at a path of camelCase names with dots, or undefined.
function fieldAt(type, path) {
  let field;
  for (const part of path.split('.')) {
    if (field && field.map) return field;
    if (!type || (field && field.repeated)) return undefined;
    field = type.fields[part];
    if (!field) return undefined;
    type = field.resolvedType instanceof pb.Type ? field.resolvedType : null;
  }
  return field;
}

function checkParameter(field, text, at, errors) {
  const type = field.resolvedType;
  if (type instanceof pb.Type && !WELL_KNOWN[nameOf(type)])
    errors.push(`${at}: is a message, name one of its fields`);
  else if (field.type === 'bool') {
    if (!/^(true|false)$/.test(text))
      errors.push(`${at}: expected true or false`);
  } else {
    const number = INT32.includes(field.type) && INTEGER.test(text);
    checkValue(field, number ? Number(text) : text, at, errors, {});
  }
}

// Returns the names that were given.
function checkQuery(type, parameters, errors) {
  const seen = new Set();
  for (const [key, text] of parameters) {
    if (SYSTEM.test(key) ||
        (DISCOVERY_ONLY[nameOf(type)] || []).includes(key)) continue;
    const field = fieldAt(type, key), at = `?${key}`;
    if (!field) {
      errors.push(`${at}: no such query parameter for ${nameOf(type)}`);
      continue;
    }
    if (seen.has(key) && !field.repeated) errors.push(`${at}: given twice`);
    seen.add(key);
    checkParameter(field, text, at, errors);
  }
  return seen;
}

function checkBody(rule, url, body, given, errors, warnings) {
  const type = rule.method.resolvedRequestType;
  if (rule.body === '*') {
    checkMessage(type, body || {}, '', errors, { warnings });
    Object.keys(body || {}).forEach((key) => given.add(key));
    return;
  }
  if (!rule.body) {
    if (body !== undefined) errors.push('this request has no body');
    return;
  }
  const field = type.fields[camel(rule.body)];
  given.add(field.name);
  if (body === undefined) errors.push('this request needs a body');
  else checkMessage(field.resolvedType, body, '', errors, { warnings });
  const mask = (url.searchParams.get('updateMask') || '').split(',');
  for (const path of mask.filter((p) => p && p !== '*'))
    if (!fieldAt(field.resolvedType, path))
      errors.push(`?updateMask: no field ${path} in ` +
        nameOf(field.resolvedType));
}

export function request({ method, url, body }) {
  const errors = [], warnings = [];
  const address = new URL(url, 'http://here');
  const path = decodeURI(address.pathname);
  const rule = rules.find((r) => r.verb === method && r.path.test(path) &&
    (r.colon || !/:[a-zA-Z]+$/.test(path)));
  if (!rule) {
    errors.push(`nothing has this method and path: ${method} ${path}`);
    return { rpc: '', errors, warnings };
  }
  const type = rule.method.resolvedRequestType;
  const given = checkQuery(type, address.searchParams, errors);
  for (const variable of rule.variables) given.add(camel(variable.split('.')[0]));
  checkBody(rule, address, body, given, errors, warnings);
  // Cloud Build has them twice; the path says them.
  if (given.has('parent') || given.has('name'))
    given.add('projectId').add('id');
  for (const field of type.fieldsArray)
    if (behaves(field, 'REQUIRED') &&
        ![...given].some((g) => g.split('.')[0] === field.name))
      errors.push(`${field.name}: required, missing`);
  return { rpc: nameOf(rule.method), type: rule.method.resolvedResponseType,
    errors, warnings };
}

export function response(type, json) {
  const errors = [];
  checkMessage(type, json, '', errors, { answer: true });
  return errors;
}

export function message(name, json) {
  const errors = [];
  checkMessage(findType(name), json, '', errors, {});
  return errors;
}
