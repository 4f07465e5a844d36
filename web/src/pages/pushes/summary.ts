// A delivery in one sentence: the verdict that matters most to whoever asks. Pure.
import type { Delivery, Verdict } from '../../api/types.ts';
import { plain, plural } from '../../words/plain.ts';

export interface Summary {
  decision: Verdict['decision'] | 'refused' | 'none';
  sentence: string;
}

export function summaryOf(delivery: Delivery): Summary {
  if (delivery.signature === 'refused') return { decision: 'refused', sentence: 'the signature is not the connection’s' };
  const built = delivery.verdicts.filter((verdict) => verdict.decision === 'built');
  const [only] = built;
  if (only) return { decision: 'built', sentence: built.length === 1 ? `by ${plain(only.trigger_name)}` : `by ${plural(built.length, 'trigger')}` };
  const skipped = delivery.verdicts.find((verdict) => verdict.decision === 'skipped');
  if (skipped) return { decision: 'skipped', sentence: plain(skipped.rule) };
  const [passed] = delivery.verdicts;
  if (passed) return { decision: 'passed_over', sentence: plain(passed.rule) };
  return { decision: 'none', sentence: plain(delivery.notes[0] ?? 'no trigger was asked') };
}
