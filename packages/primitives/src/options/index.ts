export { checkBoolean, checkFinite, checkInteger, checkMatrix, checkNumber, checkOneOf, checkShape } from './check.js';
