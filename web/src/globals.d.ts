// What web/build.mjs puts in the place of these names.
declare const KILN_ICONS: Record<'idle' | 'running' | 'success' | 'failed' | 'offline', string>;
declare const KILN_LIVE_WORKER: string;

interface TrustedScriptURL {
  readonly __trusted: unique symbol;
}
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): { createScriptURL(address: string): TrustedScriptURL };
}
interface Window {
  readonly trustedTypes?: TrustedTypePolicyFactory;
}
