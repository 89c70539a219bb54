// msgpackr catches this and uses its own JavaScript.
throw new Error('left out on purpose: no native code in the tests');
