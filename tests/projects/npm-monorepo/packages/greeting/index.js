export const greeting = (who) => `Hello from the ${who} of one repository`;
