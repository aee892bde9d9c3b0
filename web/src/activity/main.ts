import { html } from 'lit';
import { start } from '../shell/start';
import './activity-page';

void start('library', (app) => html`<activity-page .app=${app}></activity-page>`);
