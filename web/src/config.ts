import { Unreachable } from './api/problem';

/** What differs by installation: `config.json` beside the pages. */
export interface SiteConfig {
  api_url: string;
  auth: {
    authority: string;
    client_id: string;
    audience?: string;
    scope?: string;
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isConfig(value: unknown): value is SiteConfig {
  const config = value as Partial<SiteConfig> | null;
  return isText(config?.api_url) && isText(config.auth?.authority) && isText(config.auth.client_id);
}

export async function loadConfig(): Promise<SiteConfig> {
  const response = await fetch(new URL('config.json', document.baseURI), { cache: 'no-cache' }).catch(
    (error: unknown) => {
      throw new Unreachable(error);
    },
  );
  if (!response.ok) throw new Error(`The site is not configured: config.json answers with status ${response.status}.`);
  const config: unknown = await response.json();
  if (!isConfig(config)) throw new Error('The site is not configured: config.json lacks api_url or auth.');
  return config;
}
