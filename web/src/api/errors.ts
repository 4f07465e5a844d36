// A refusal of the API, or no answer at all.

export class ApiError extends Error {
  readonly status: number; // 0: the server did not answer
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }

  get isGone(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

interface Envelope {
  errors?: ReadonlyArray<{ code?: number; message?: string }>;
}

export function errorOf(status: number, body: unknown): ApiError {
  const first = isEnvelope(body) ? body.errors?.[0] : undefined;
  return new ApiError(status, first?.code ?? 0, first?.message ?? `The server answered ${status}`);
}

function isEnvelope(body: unknown): body is Envelope {
  return typeof body === 'object' && body !== null && Array.isArray((body as Envelope).errors);
}

export function asApiError(problem: unknown): ApiError {
  if (problem instanceof ApiError) return problem;
  return new ApiError(0, 0, problem instanceof Error ? problem.message : String(problem));
}
