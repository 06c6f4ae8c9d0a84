"""Every reason code with its sentence, in English: the msgids of the catalogue.

`{name}` placeholders are filled from `Reason.params`; the page first writes `until` as a moment in the reader's zone.
A code ending in `_once_told` is said where a moment hangs on a notice that is still on its way.
"""

from __future__ import annotations


def _(text: str) -> str:
    """Mark a sentence for the catalogue. Policy knows no Django, so it is translated where it is shown."""
    return text


REASONS: dict[str, str] = {
    # R1
    "codes_on_paper": _(
        "This holds for codes kept on paper only. Codes saved as a file lie where the mail lies: then it takes "
        "{hours} hours."
    ),
    "papers_not_approved": _("Your papers have not been checked yet. They count once people have approved them."),
    # R2
    "sign_in_first": _("Please sign in first."),
    "step_up_needed": _("Please confirm that it is you. The confirmation is good for {minutes} minutes."),
    "step_up_for_number": _(
        "Confirm the change with your app or a saved code, never with the number you are replacing. A mail code "
        "counts here together with your password. The confirmation is good for {minutes} minutes."
    ),
    "agents_by_app_or_passkey": _(
        "Pages of agents open only to a sign-in with an authenticator app or a passkey. Sign out, and sign in with one "
        "of them."
    ),
    "agents_not_on_reset": _(
        "Pages of agents do not open to a sign-in with a password that was set by mail, until it has settled."
    ),
    "agents_confirm": _("Please confirm with your authenticator app or passkey that it is you."),
    "no_step_up_left": _(
        "Nothing you can confirm with is ready here yet. Use the way back instead: it shows what you can do with "
        "what you have."
    ),
    "weak_number": _(
        "This number reaches you for notices only. It is a virtual number, so a code sent to it proves nothing."
    ),
    "not_confirmed": _("This has not been confirmed with a code of its own yet."),
    "number_lapsed": _(
        "This number was last confirmed more than {days} days ago. A number can pass to somebody else, so a code "
        "sent to it proves nothing now."
    ),
    "mail_lapsed": _(
        "This address was last confirmed long ago. It still counts, but we wait {days} days, in case the mailbox "
        "has passed to somebody else."
    ),
    "reported_lost": _("This was reported lost, so it counts for nothing now."),
    "unknown_means": _("This is not part of your account any more."),
    "not_bindable": _("This cannot be added here."),
    # R3
    "reset_counts_as_mail": _(
        "A password set by mail counts as a mail code until {hours} hours have passed and you have signed in with "
        "your app or a saved code."
    ),
    "reset_not_with_sms": _(
        "With a password set by mail, use your app or a saved code. An SMS code is not enough beside it."
    ),
    "password_was_reset": _("This password was replaced by mail. It still counts in a recovery, but signs nobody in."),
    # R4
    "password_first": _("Your password comes first."),
    "factor_needed": _("One more step: a code from your app, a saved code or another way you have set up."),
    "no_factor_left": _("No second way to sign in is left on this account. Use the way back."),
    "nothing_shown": _("Nothing has been shown yet. Start with what you have at hand."),
    "mail_alone": _(
        "One more is needed. Whoever reads the mailbox could have this code, so mail alone is never enough."
    ),
    "sms_alone": _("One more is needed. Whoever holds the phone could have this code, so SMS alone is never enough."),
    "two_issued_count_once": _(
        "One more is needed. A mail code and an SMS code are both codes we send, so they count as one."
    ),
    "sign_in_instead": _(
        "What you have shown is enough to sign in. There is no need to wait: sign in, then change your number."
    ),
    "code_needed_beside": _("One more is needed: a saved code, or a code we send to your mail or to another number."),
    "one_more_needed": _("One more is needed, of another kind."),
    # R5
    "two_custodies": _("What you have shown lies in two different places. No wait is needed."),
    "one_place_phone": _(
        "A stolen phone could do what you just did, so we wait {hours} hours. If somebody else began this, it can "
        "be stopped meanwhile."
    ),
    "one_place": _(
        "All of this could be taken from one place, so we wait {hours} hours. If somebody else began this, it can "
        "be stopped meanwhile."
    ),
    "people_or_papers": _(
        "Other people or papers took part, so we wait {hours} hours and tell you at every address we know."
    ),
    "papers_alone": _(
        "Papers and the video were the only proof, so we wait {days} days and tell you at every address we know."
    ),
    "no_other_address": _("No other confirmed address could hear of this, so we wait at least {hours} hours."),
    "longer_if_only_address": _("If this is the only confirmed address of the account, it takes {hours} hours."),
    "wait_until": _("You can go on at {until}. Nothing is needed from you until then."),
    "wait_until_once_told": _(
        "The wait begins as soon as the first notice has gone out. Nothing is needed from you until then."
    ),
    "time_runs_forward": _("That moment has passed."),
    # R6
    "identity_probation": _(
        "Papers filed from a session count in a recovery only {days} days after people took them and everyone was "
        "told. Until then they can be taken back."
    ),
    "final_two_custodies": _("This becomes final {hours} hours after everyone was told. Until then it can be undone."),
    "final_one_custody": _(
        "This becomes final {hours} hours after everyone was told, because one stolen thing would have been "
        "enough to do it. Until then it can be undone."
    ),
    "already_closing": _("This account is being closed already."),
    "not_closing": _("This account is not being closed."),
    "closing_moves_no_money": _(
        "While the account is being closed, no money moves. Keep it open if you want to withdraw first."
    ),
    "account_closed": _("This account is closed."),
    "replaced_or_removed": _("This has been replaced or removed and no longer signs in."),
    "already_ending": _("This is being removed already."),
    # R7
    "on_probation": _("This was added a short while ago. It signs you in, and counts as proof from {until}."),
    "on_probation_once_told": _(
        "This was added a short while ago. It signs you in, and counts as proof some time after everyone was told."
    ),
    "sign_up_exempt": _("You are still setting up the account, so this counts at once."),
    # R8
    "money_rests_number": _("After a number change, withdrawals rest for {hours} hours."),
    "money_rests_recovery": _("Once you are back in, withdrawals rest for {hours} hours."),
    "rests_after_number": _("Your number was changed. Withdrawals open again on {until}."),
    "rests_after_recovery": _("You came back by recovery. Withdrawals open again on {until}."),
    "rests_after_recovery_once_told": _(
        "You came back by recovery. Withdrawals open again some time after everyone was told; the notices are on "
        "their way."
    ),
    "payout_not_final": _("This payout address is new. It can be used from {until}."),
    "payout_not_final_once_told": _(
        "This payout address is new. It can be used some time after everyone was told; the notices are on their way."
    ),
    "reset_moves_no_money": _(
        "You signed in with a password set by mail. To withdraw, that password must have settled first."
    ),
    # R9
    "last_address": _("This is the only address we can tell you anything at. Add another one first."),
    "link_over": _(
        "This link worked for {days} days and is over now. Sign in to see what has changed, or use the way back."
    ),
    # R10
    "sessions_end": _("All sessions of the account end."),
    "changes_undone": _("Recent changes taken back: {count}."),
    "case_ends": _("The recovery under way is stopped."),
    "review_opens": _("This was too long ago to be taken back here, so money stops and people look at it."),
    # R11
    "veto_only_stretches": _(
        "This address took part in the recovery itself, so it alone cannot stop it. The wait becomes {days} days, and "
        "nothing is taken back. Add one proof that lies elsewhere, and it stops at once."
    ),
    "veto_stretched": _(
        "Somebody objected from an address that took part in this recovery, so we wait {days} days. One more proof of "
        "another kind, from another place, ends this."
    ),
    # R12
    "claims_today": _(
        "Codes were asked for {count} times today. We send new ones tomorrow. A saved code can still be used now."
    ),
    "another_case_open": _(
        "A recovery of this account is under way already. It can be continued where it was begun, or stopped."
    ),
    "ends_weaker_case": _("You have shown more than the recovery already under way, so yours takes its place."),
    "case_closed": _("This recovery is over."),
    "ready_over": _("This recovery was open for {days} days and is over now. You can begin a new one."),
    "resume_link_only_shows": _(
        "You came here by a link in a mail. To go on, show one thing that does not come by mail."
    ),
    "equal_sets": _(
        "Another recovery of this account has shown as much as yours. It can be continued where it was begun, or "
        "stopped; otherwise people decide between the two."
    ),
    # R13
    "loss_needs_proof": _("Show one thing that is yours first. Then we take what was lost out at once."),
    "loss_one_place": _("One place can be reported lost every {hours} hours. Please come back later for the other."),
    "loss_suspends": _("What you lost signs nobody in from now on. Saved codes stay as they are."),
    "found_needs_other_place": _(
        "Show one proof that is not kept in the same place. Whoever found your phone could have everything on it."
    ),
    # R14
    "freeze_needs_proof": _("Show one thing that is yours, or use the link or stop code we sent you."),
    "freeze_stops": _("Money and everything new stop now. Signing in and getting back in stay open."),
    "no_say_yet": _("This address was added a short while ago, so it can stop nothing yet."),
    "frozen": _("The account is frozen. Nothing is added and no money moves until the freeze has ended."),
    "frozen_already": _("The account is frozen already."),
    "not_frozen": _("The account is not frozen."),
    "not_frozen_again": _("A freeze by this has ended lately. It can freeze again {days} days after that."),
    "freeze_ends_by": _(
        "Show two proofs from two different places to end the freeze at once; after a stopped recovery one of them "
        "must be new. Or sign in: then it ends {hours} hours later."
    ),
    "freeze_ends_at": _("The freeze ends at {until}. Everybody is told, and can object until then."),
    "freeze_ends_at_once_told": _("The freeze ends some time after everyone was told."),
    "locked": _("You have locked your settings until {until}. A saved code opens them earlier."),
    "locked_once_told": _("Your settings are locked. A saved code opens them."),
    "lock_days": _("The settings can be locked for 1 to {days} days."),
    "lock_not_yet": _("Something was changed a short while ago. You can lock the settings {hours} hours after that."),
    "lock_opens_by_code": _("A saved code opens the lock before its time."),
    "not_locked": _("The settings are not locked."),
    # R15
    "people_look_first": _("People check your papers first. The wait begins after that."),
    "not_in_review": _("Nobody has to look at this recovery now."),
    "another_agent": _("You have agreed to this already. Somebody else has to look as well."),
    "nothing_to_approve": _("What was shown is not enough, whoever agrees to it."),
    "alarm_not_here": _("No recovery that uses contacts is under way."),
    "alarm_once": _("You have raised the alarm already. It can be raised again after {days} days."),
    "contact_alarm": _("A recovery contact raised the alarm, so we wait {days} days."),
    # R16
    "bind_factor_first": _("Set up a new number or app first."),
    "make_codes_first": _("Make your new saved codes first, and keep them on paper."),
    # R17
    "sim_theft": _("This SIM was reported stolen. The number counts again once you have confirmed it anew."),
    "sim_swap": _("The network says that the SIM of this number was changed lately."),
    "shared_number": _("This number is shared with others, or a virtual one."),
    "contact_changed": _("This address or number was added or changed a short while ago."),
    "new_country": _("The recovery was begun in a country from which this account was not used before."),
    "new_browser": _("The recovery was begun in a browser that this account does not know."),
    "failed_codes": _("Many wrong codes were typed for this account lately."),
    "stopped_lately": _("Another recovery of this account was stopped lately."),
    "risk_wait": _("So we wait {days} days and tell you at every address we know."),
    "barred_set": _("A recovery with exactly these proofs was stopped lately, so people look first."),
    "two_risks": _("Several things are unusual here, so people look first."),
    "papers_for_number": _(
        "Something is unusual about this account, so the number changes once people have checked your papers."
    ),
    # R18
    "disabled": _("This was switched off after too many wrong codes in a row. It can be set up anew."),
    "changes_today": _(
        "Many things were changed in the last day, and each was told to all your addresses. The next change can be "
        "made at {until}. If some of them were not yours, use “this was not me” in our letters now."
    ),
    # R19
    "set_up_only": _("This session can set up the account and nothing else. Sign in again afterwards."),
    "set_up_binds_only": _("Finish setting up first: a second way to sign in, and saved codes on paper."),
    "set_up_over": _("This account has a second way to sign in already. Please sign in with it."),
    "set_up_needs_password": _(
        "To set up this account, sign in with a password that was not set by mail a short while ago."
    ),
    "set_up_asks_mail": _("Before the first set-up we send a code to your mail address."),
    "last_factor": _("This is the last thing you can sign in with besides your password. Add another one first."),
    "codes_are_replaced": _("Saved codes are not removed but replaced by a new set."),
}
