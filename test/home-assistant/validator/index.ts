export { contradictions, eventContradictions } from './contradictions';
export { violationsOf, type Discovery } from './discovery';
export { violationsOfSet } from './discovery-set';
