// Every module waits for markup that asks for it and does nothing without; none writes HTML (Trusted Types: none).
import "./show-password.js";
import "./copy.js";
import "./submit-once.js";
import "./error-focus.js";
import "./countdown.js";
import "./session-warning.js";
import "./print.js";
import "./passkey.js";
import "./reload.js";
import "./video.js";
