// Puts a text on the clipboard. Over plain http browsers have no Clipboard API: there a text field and the old command do it.
import { notice } from './notices.tsx';
import { Icon } from './icon.tsx';

export async function copy(text: string, what: string): Promise<void> {
  const done = await put(text);
  notice(done ? 'good' : 'bad', done ? `${what} copied` : `${what} could not be copied: mark it and press Ctrl+C`);
}

async function put(text: string): Promise<boolean> {
  try {
    if (window.isSecureContext && navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // The old way may still be allowed.
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button type="button" class="quiet small" title={`Copy ${what}`} aria-label={`Copy ${what}`} onClick={() => void copy(text, what)}>
      <Icon name="copy" />
    </button>
  );
}

export function Command({ text, what = 'the command' }: { text: string; what?: string }) {
  return <div class="command"><code tabIndex={0}>{text}</code><CopyButton text={text} what={what} /></div>;
}
