;;; Emacs' dictionary.el as a user drives it: emacs --batch -Q -l dictionary.el PORT -*- lexical-binding: t -*-
;; Prints what its buffer shows, without the buttons at the top.

(require 'dictionary)
(setq dictionary-server "127.0.0.1"
      dictionary-port (string-to-number (pop command-line-args-left)))

(defun show (what)
  "Print the buffer's text under the title WHAT."
  (with-current-buffer "*Dictionary*"
    (goto-char (point-min))
    (forward-line 3)
    (princ (format "== %s\n%s\n" what (string-trim (buffer-substring-no-properties (point) (point-max)))))))

(dictionary-search "apple" "*")
(show "define")
(dictionary-do-matching "app" "*" "prefix" #'dictionary-display-match-result)
(show "match")
(dictionary-select-dictionary)
(show "databases")
(condition-case miss
    (dictionary-search "zzzz" "*")
  (error (princ (format "== miss\n%s\n" (error-message-string miss)))))
