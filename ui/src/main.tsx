import { render } from 'preact';
import './styles/base.css';
import './styles/frame.css';
import './styles/notices.css';
import './styles/list.css';
import './styles/kill.css';
import './styles/ballot.css';
import './styles/bar.css';
import './styles/chart.css';
import { Connection } from './net/connection.js';
import { Store } from './state/store.js';
import { TimeStore } from './time/time-store.js';
import { App } from './view/app.js';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');

const store = new Store();
const connection = new Connection(store.apply);
render(<App store={store} time={new TimeStore()} onRetry={() => connection.retryNow()} />, root);
connection.start();
