/** The version in package.json; a test keeps the two equal. A constant, since the browser and the addon's stamp need it too. */
export const VERSION = '0.1.0';
