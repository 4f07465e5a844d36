// How a reader likes logs; kept in the browser.
import { signal } from '@preact/signals';
import { remember, remembered } from '../parts/remember.ts';
import { TIME_FORMS, type TimeForm } from './times.ts';

export const times = signal<TimeForm>(TIME_FORMS.find((form) => form === remembered('log.times')) ?? 'off');
export const wraps = signal(remembered('log.wraps') ? remembered('log.wraps') === 'yes' : matchMedia('(max-width: 700px)').matches);

export function chooseTimes(form: TimeForm): void {
  times.value = form;
  remember('log.times', form);
}

export function chooseWrap(on: boolean): void {
  wraps.value = on;
  remember('log.wraps', on ? 'yes' : 'no');
}
