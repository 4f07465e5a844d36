import type { Delivery } from '../../api/types.ts';
import { Icon } from '../../parts/icon.tsx';

const WORDS = {
  verified: { tone: 'quiet', sign: 'tick', word: 'signature verified' },
  hook_secret: { tone: 'quiet', sign: 'tick', word: 'by the repository’s hook' },
  asked: { tone: 'quiet', sign: 'tick', word: 'found by asking the repository' },
  refused: { tone: 'bad', sign: 'cross', word: 'signature refused' },
} as const;

export function Signature({ delivery }: { delivery: Delivery }) {
  const { tone, sign, word } = WORDS[delivery.signature];
  return <span class={`state small ${tone}`}><Icon name={sign} /><span>{word}</span></span>;
}
