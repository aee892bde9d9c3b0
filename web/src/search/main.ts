import { html } from 'lit';
import { start } from '../shell/start';
import './search-page';

void start('search', (app) => html`<search-page .app=${app}></search-page>`);
