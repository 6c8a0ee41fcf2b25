/** As `start.js`, for who starts it with a Node that runs TypeScript. */
import './start.js';
