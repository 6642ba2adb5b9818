import { render } from 'preact';
import './styles/base.css';
import './styles/frame.css';
import './styles/notices.css';
import './styles/list.css';
import './styles/kill.css';
import './styles/ballot.css';
import './styles/bar.css';
import './styles/chart.css';
import './styles/cgroups.css';
import './styles/replay.css';
import { Connection } from './net/connection.js';
import { Store } from './state/store.js';
import { Root } from './view/root.js';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');

const live = new Store();
const connection = new Connection(live.apply);
render(<Root live={live} replay={connection.replay} onRetry={() => connection.retryNow()} />, root);
if (HAS_SERVER) connection.start();
else live.apply({ kind: 'no-server' });
