export { checkBoolean, checkFinite, checkInteger, checkNumber, checkOneOf } from './check.js';
