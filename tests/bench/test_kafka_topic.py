from bench.kafka_topic import by_place


def test_posts_of_all_partitions_are_in_the_order_of_their_times_and_ends_of_transactions_take_a_place() -> None:
    # Two transactions: at 100 ms three posts in both partitions, at 200 ms one. Offset 2 and 1 are ends of the first.
    times = {0: {0: 100, 1: 100, 3: 200}, 1: {0: 100}, 2: {}}
    assert by_place(times) == {0: 100, 1: 100, 2: 100, 4: 200}


def test_an_end_of_a_transaction_comes_behind_its_posts() -> None:
    assert by_place({0: {0: 100, 2: 200}, 1: {0: 100, 2: 200}}) == {0: 100, 1: 100, 4: 200, 5: 200}
