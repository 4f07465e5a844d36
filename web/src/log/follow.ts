// Whether a growing log carries its reader along. Scrolling up or selecting text ends it, coming back to the end begins it anew;
// lines that come meanwhile are counted.

export interface Following {
  on: boolean;
  missed: number;
}

export type FollowEvent =
  | { kind: 'scrolled'; up: boolean; atEnd: boolean }
  | { kind: 'selected' }
  | { kind: 'came'; lines: number }
  | { kind: 'asked' };

export function follow(state: Following, event: FollowEvent): Following {
  switch (event.kind) {
    case 'asked': return { on: true, missed: 0 };
    case 'selected': return state.on ? { on: false, missed: 0 } : state;
    case 'came': return state.on ? state : { on: false, missed: state.missed + event.lines };
    case 'scrolled':
      if (event.up && state.on) return { on: false, missed: 0 };
      if (!event.up && event.atEnd && !state.on) return { on: true, missed: 0 };
      return state;
  }
}
