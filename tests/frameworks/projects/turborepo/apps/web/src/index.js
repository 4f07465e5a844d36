import { greet } from "words";
import task from "../dist/task.js";

export default {
  fetch(request) {
    return new Response(`${greet(request.headers.get("x-who"))}, by task ${task}`);
  },
};
