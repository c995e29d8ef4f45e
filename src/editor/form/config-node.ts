/** What Node-RED's select for a config node holds while none is chosen. */
export const NONE_CHOSEN = '_ADD_';
