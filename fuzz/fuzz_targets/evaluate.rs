//! A configuration and a request to it: the answer is the reference's, and the laws hold.

#![no_main]

use bucket_cors_fuzz::counting::allocations;
use bucket_cors_fuzz::found::Found;
use bucket_cors_fuzz::law;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|found: Found| {
    let Found {
        case,
        terms,
        last,
        rewritten,
        before,
    } = found;

    law::agrees_in_both_orders(&case, terms); // 6.1
    law::only_the_last_rule_adds(&case, terms, last); // 6.2
    if let Some(rewritten) = rewritten {
        law::same_outcome_and_rule(&case, &rewritten, terms); // 6.3
    }

    let rules = law::rules(&case, terms);
    let asked = case.asked.to_fields();
    assert_eq!(allocations(|| rules.evaluate(&asked)), 0); // 6.9
    let decision = rules.evaluate(&asked);
    law::allow_origin_is_safe(&decision, &case.asked); // 6.4
    law::every_field_parses(&decision); // 6.5
    law::varies_within(&decision, terms.profile());
    law::writes_in_three_steps(&decision, &before);
    law::owned_equals_borrowed(&rules, &case.asked);
});
