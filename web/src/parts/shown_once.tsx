// A secret that was just made: here to be copied, and nowhere else ever again.
import { Dialog } from './dialog.tsx';
import { Command } from './copy.tsx';

export function ShownOnce({ title, what, text, close }: { title: string; what: string; text: string; close: () => void }) {
  return (
    <Dialog title={title} close={close}>
      <p>This is {what}. Copy it now: it is not shown again.</p>
      <Command text={text} what={what} />
      <div class="buttons"><button type="button" class="main" onClick={close}>Done</button></div>
    </Dialog>
  );
}
