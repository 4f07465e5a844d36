// A build's state: sign and word, so that no colour is needed to read it.
import { stateOf } from '../words/state.ts';
import { Icon } from './icon.tsx';

interface Props {
  status: string;
  outcome: string | null;
  wordless?: boolean; // the word is there for screen readers and as a title
}

export function StateSign({ status, outcome, wordless = false }: Props) {
  const state = stateOf(status, outcome);
  return (
    <span class={`state ${state.tone}`} title={wordless ? state.word : undefined}>
      <Icon name={state.sign} spins={state.sign === 'run'} />
      <span class={wordless ? 'unseen' : undefined}>{state.word}</span>
    </span>
  );
}

// How the last builds ended, oldest first, as a row of small bars with one sentence for those who do not see them.
export function RecentOutcomes({ recent }: { recent: ReadonlyArray<string | null> }) {
  if (!recent.length) return null;
  const states = recent.map((outcome) => stateOf('running', outcome)).reverse();
  return (
    <span class="recent" role="img" aria-label={`Last builds, oldest first: ${states.map((state) => state.word).join(', ')}`}>
      {states.map((state, place) => <i key={place} class={state.tone} />)}
    </span>
  );
}
