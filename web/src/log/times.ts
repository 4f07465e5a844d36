// When a line was written, in the four forms that a reader can choose.

export const TIME_FORMS = ['off', 'start', 'step', 'clock'] as const;
export type TimeForm = (typeof TIME_FORMS)[number];

export const TIME_LABELS: Record<TimeForm, string> = {
  off: 'No times', start: 'Since start', step: 'Since step', clock: 'Clock',
};

const two = (value: number): string => String(value).padStart(2, '0');

export function timeOf(at: number, form: TimeForm, start: number, step: number): string {
  switch (form) {
    case 'off': return '';
    case 'clock': return clock(at);
    case 'start': return elapsed(at - start);
    case 'step': return elapsed(at - step);
  }
}

function clock(at: number): string {
  const moment = new Date(at);
  return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

// 0:04.2 below ten minutes, 12:04 below an hour, 1:02:03 above.
function elapsed(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes}:${two(seconds % 60)}.${tenths % 10}`;
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
