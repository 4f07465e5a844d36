import { WorkerEntrypoint } from "cloudflare:workers";

let minutes = 0;

export class Loud extends WorkerEntrypoint {
  shout(text) {
    return text.toUpperCase();
  }
}

export default class extends WorkerEntrypoint {
  fetch() {
    return new Response("an API");
  }
  scheduled() {
    minutes++;
  }
  add(a, b) {
    return a + b;
  }
  minutes() {
    return minutes;
  }
}
