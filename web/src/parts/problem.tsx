// What went wrong, and what to do next.
import type { ApiError } from '../api/errors.ts';

function nextStep(problem: ApiError): string {
  if (problem.status === 0) return 'The page goes on by itself once the server answers again.';
  switch (problem.status) {
    case 401: return 'Sign in again: kiln dashboard prints a new link.';
    case 403: return 'Ask for a token with the right that is named, and sign in with that.';
    case 404: return 'It may have been deleted, or belong to another account.';
    case 429: case 503: return 'Wait a moment and try again.';
    case 507: return 'Free disk space on the server, then try again.';
    default: return problem.status >= 500 ? 'The server’s log says more.' : 'Correct it and try again.';
  }
}

export function Problem({ problem, retry }: { problem: ApiError; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p><strong>{problem.message}</strong></p>
      <p class="dim">{nextStep(problem)}{problem.code ? ` (code ${problem.code})` : ''}</p>
      {retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

// In the place of something that has not come yet, and that would jump if it were not kept free.
export function Waiting({ lines = 3 }: { lines?: number }) {
  return <div class="placeholder" aria-busy="true" aria-label="Loading">{Array.from({ length: lines }, (_, i) => <i key={i} />)}</div>;
}

export function Empty({ children }: { children: preact.ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
