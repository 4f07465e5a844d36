// Short notices in a corner, spoken by screen readers; the desktop's own for a build that somebody waits for.
import { signal } from '@preact/signals';
import { Icon } from './icon.tsx';

interface Notice {
  id: number;
  tone: 'good' | 'bad';
  text: string;
}

const notices = signal<readonly Notice[]>([]);
let last = 0;

export function notice(tone: 'good' | 'bad', text: string): void {
  last += 1;
  const id = last;
  notices.value = [...notices.value.slice(-3), { id, tone, text }];
  setTimeout(() => dismiss(id), tone === 'bad' ? 12_000 : 4_000);
}

function dismiss(id: number): void {
  notices.value = notices.value.filter((one) => one.id !== id);
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map((one) => (
        <p key={one.id} class={`notice ${one.tone}`}>
          <Icon name={one.tone === 'good' ? 'tick' : 'break'} />
          <span>{one.text}</span>
          <button type="button" class="quiet small" aria-label="Dismiss" onClick={() => dismiss(one.id)}><Icon name="cross" /></button>
        </p>
      ))}
    </div>
  );
}

export const canNotify = (): boolean => typeof Notification !== 'undefined' && window.isSecureContext;

export async function askToNotify(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === 'granted';
}

export function notifyDesktop(title: string, body: string): void {
  if (canNotify() && Notification.permission === 'granted') new Notification(title, { body, icon: KILN_ICONS.idle });
}
