// A browser's own words about itself, in two.
export function browserOf(userAgent: string): string {
  const name = /\b(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent.replace(/.*\b(Edg|OPR)\//, '$1/'))?.[1];
  const system = /\b(Windows|Android|iPhone|iPad|Mac OS X|Linux)\b/.exec(userAgent)?.[1];
  const called = name === 'Edg' ? 'Edge' : name === 'OPR' ? 'Opera' : name;
  return called ? `${called}${system ? ` on ${system.replace('Mac OS X', 'macOS')}` : ''}` : 'another client';
}
