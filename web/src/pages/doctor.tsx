// What the server's machine can and cannot do for builds, as `kiln doctor` says it. For administrators.
import { useEffect, useState } from 'preact/hooks';
import { api, result } from '../api/client.ts';
import { type ApiError, asApiError } from '../api/errors.ts';
import type { DoctorFinding, DoctorFindings as Findings } from '../api/types.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { plain, plural, sentence } from '../words/plain.ts';

export function DoctorFindings() {
  const [found, setFound] = useState<Findings | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [looking, setLooking] = useState(true);
  const look = async (): Promise<void> => {
    setLooking(true);
    try {
      setFound(await result(api.GET('/kiln/v1/doctor')));
      setProblem(null);
    } catch (refused) {
      setProblem(asApiError(refused));
    }
    setLooking(false);
  };
  useEffect(() => void look(), []);
  const odd = found?.rows.filter((row) => row.state !== 'ok') ?? [];
  const fine = found?.rows.filter((row) => row.state === 'ok') ?? [];
  const word = looking || !found ? 'It is examined…' : found.builds_can_run ? `Builds can run on it${odd.length ? `; ${plural(odd.length, 'thing')} could be better` : ''}.` : 'Builds cannot run on it.';
  return (
    <>
      {(looking || found) && <p role="status"><span class={`state ${looking || !found ? 'quiet' : found.builds_can_run ? 'good' : 'bad'}`}><Icon name={looking || !found ? 'wait' : found.builds_can_run ? 'tick' : 'cross'} /><span>{word}</span></span></p>}
      {problem && <Problem problem={problem} />}
      {odd.length > 0 && <ul class="plain findings">{odd.map((row) => <Odd key={row.name} row={row} />)}</ul>}
      {fine.length > 0 && (
        <details class="alone"><summary>{plural(fine.length, 'thing is', 'things are')} as {fine.length === 1 ? 'it' : 'they'} should be</summary>
          <table class="list"><thead><tr><th scope="col">What</th><th scope="col">Found</th><th scope="col">For builds</th></tr></thead>
            <tbody>{fine.map((row) => <tr key={row.name}><th scope="row">{plain(row.name)}</th><td><bdi>{plain(row.found)}</bdi></td><td class="dim"><bdi>{plain(row.means)}</bdi></td></tr>)}</tbody></table>
        </details>
      )}
      <div class="buttons"><button type="button" disabled={looking} onClick={() => void look()}>Look again</button></div>
    </>
  );
}

function Odd({ row }: { row: DoctorFinding }) {
  const isMissing = row.state === 'missing';
  return (
    <li>
      <span class={`state ${isMissing ? 'bad' : 'warn'}`}><Icon name={isMissing ? 'cross' : 'break'} /><strong>{plain(row.name)}</strong><span class="unseen"> is {row.state}</span></span>{' '}
      <bdi>{sentence(row.found)}</bdi> <bdi class="dim">{sentence(row.means)}</bdi>
      {row.todo && <p>To do: <bdi>{plain(row.todo)}</bdi></p>}
    </li>
  );
}
