import { api, done, result } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { notice } from '../../parts/notices.tsx';
import { Problem, Waiting } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { plain, plural } from '../../words/plain.ts';
import { browserOf } from './browser.ts';

const ORIGINS = { code: 'link', token: 'token', person: 'provider' } as const;

export function Sessions() {
  const sessions = useLoad('sessions', () => result(api.GET('/kiln/v1/sessions')));
  const end = async (run: () => Promise<string>): Promise<void> => {
    try {
      notice('good', await run());
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    sessions.reload();
  };
  const one = (id: string) => async (): Promise<string> => {
    await done(api.DELETE('/kiln/v1/sessions/{session_id}', { params: { path: { session_id: id } } }));
    return 'The session has ended';
  };
  const others = async (): Promise<string> => `${plural((await result(api.DELETE('/kiln/v1/sessions'))).ended, 'session has', 'sessions have')} ended`;
  return (
    <section aria-labelledby="sessions">
      <div class="section-head"><h2 id="sessions">Sessions</h2>{(sessions.data?.length ?? 0) > 1 && <button type="button" onClick={() => void end(others)}>End all others</button>}</div>
      {sessions.problem && <Problem problem={sessions.problem} retry={sessions.reload} />}
      {!sessions.data && !sessions.problem && <Waiting />}
      {sessions.data && (
        <table class="list">
          <thead><tr><th scope="col">Who</th><th scope="col">Browser</th><th scope="col">From</th><th scope="col">Last used</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{sessions.data.map((each) => (
            <tr key={each.session_id}>
              <th scope="row"><bdi>{plain(each.name)}</bdi> {each.current ? <span class="badge good">this one</span> : <span class="dim">by {ORIGINS[each.origin]}</span>}</th>
              <td title={plain(each.user_agent)}>{browserOf(each.user_agent)}</td><td><code>{plain(each.address)}</code></td><td><When at={each.last_used_on} /></td>
              <td class="end">{!each.current && <button type="button" onClick={() => void end(one(each.session_id))}>End</button>}</td>
            </tr>
          ))}</tbody>
        </table>
      )}
    </section>
  );
}
