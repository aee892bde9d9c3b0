import { html } from 'lit';
import { start } from '../shell/start';
import './grid-page';

void start('library', (app) => html`<grid-page .app=${app}></grid-page>`);
