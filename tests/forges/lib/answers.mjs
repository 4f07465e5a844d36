// What a handler hands back, and what it throws instead.

// One HTTP answer: `body` is an object that becomes JSON, a string that is sent as it is, or null for none.
export const reply = (status, body = null, headers = {}) => ({ status, body, headers });

// A request that is refused; the forge's own `refusal` gives it the body that this forge has for it.
export class Refusal extends Error {
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const refuse = (status, message, details) => { throw new Refusal(status, message, details); };
