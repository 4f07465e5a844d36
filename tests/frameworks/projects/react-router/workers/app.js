import { createRequestHandler } from "react-router";

const answer = createRequestHandler(() => import("virtual:react-router/server-build"));

export default {
  fetch(request) {
    return answer(request);
  },
};
