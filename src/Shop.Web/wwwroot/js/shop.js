// What every page runs: once, however often the visitor goes on by enhanced navigation.
import { watchPages } from './pages.js';
import { watchBell } from './bell.js';
import { watchTheme } from './theme.js';
import { watchMenus } from './menus.js';
import { watchConnection } from './offline.js';
import { watchTimes } from './times.js';
import { watchToasts } from './toasts.js';

document.documentElement.classList.add('js');
watchTheme();
watchMenus();
watchConnection();
watchTimes();
watchToasts();
watchBell();
watchPages();
