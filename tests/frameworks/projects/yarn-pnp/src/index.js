import isNumber from "is-number";

export default {
  fetch(request) {
    const word = new URL(request.url).pathname.slice(1);
    return new Response(`${word} is ${isNumber(word) ? "a number" : "none"}`);
  },
};
