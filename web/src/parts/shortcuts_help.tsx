// `?`: which keys do what here, and the switch that turns single keys off.
import { signal } from '@preact/signals';
import { Dialog } from './dialog.tsx';
import { keysOn, shortcuts, switchKeys } from './keys.ts';

export const helpOpen = signal(false);

const ALWAYS = [
  ['Ctrl K', 'Go to anything'], ['/', 'Search in the log, filter a list'], ['?', 'This list'], ['Esc', 'Close what is open'],
] as const;

export function ShortcutsHelp() {
  if (!helpOpen.value) return null;
  const listed = shortcuts.value.filter((one) => one.key !== '?' && one.key !== '/');
  return (
    <Dialog title="Keys" close={() => { helpOpen.value = false; }}>
      <dl class="keys">
        {ALWAYS.map(([key, says]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{says}</dd></div>)}
        {listed.map((one) => <div key={one.key}><dt><kbd>{one.key}</kbd></dt><dd>{one.says}</dd></div>)}
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => switchKeys(event.currentTarget.checked)} /> Single keys do something
      </label>
      <div class="buttons"><button type="button" onClick={() => { helpOpen.value = false; }}>Close</button></div>
    </Dialog>
  );
}
