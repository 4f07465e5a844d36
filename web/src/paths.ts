// The page's own addresses.
export const workerPath = (name: string, part = ''): string => `/workers/${encodeURIComponent(name)}${part ? `/${part}` : ''}`;
export const connectPath = (worker = ''): string => (worker ? `/connect?worker=${encodeURIComponent(worker)}` : '/connect');
export const buildPath = (uuid: string): string => `/builds/${uuid}`;
export const versionPath = (worker: string, id: string): string => `/workers/${encodeURIComponent(worker)}/versions/${id}`;
export const deliveryPath = (uuid: string): string => `/pushes/${uuid}`;
