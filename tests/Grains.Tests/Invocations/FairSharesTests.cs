using HeliosEdge.Grains.Invocations;

namespace HeliosEdge.Grains.Tests.Invocations;

public sealed class FairSharesTests
{
    [Fact]
    public void A_region_that_is_alone_with_its_work_gets_all_places() =>
        FairShares.Divide([(0, 0), (5, 100), (0, 0)], 8).ShouldBe([0, 8, 0]);

    [Fact]
    public void What_a_region_has_already_counts_as_its_share() =>
        FairShares.Divide([(6, 100), (0, 100), (2, 1)], 6).ShouldBe([0, 5, 1]);

    [Fact]
    public void Nobody_gets_more_than_it_can_use() =>
        FairShares.Divide([(0, 1), (3, 2)], 10).ShouldBe([1, 2]);

    [Fact]
    public void Whatever_is_divided_no_region_is_given_a_place_that_one_with_fewer_could_use()
    {
        var random = new Random(7);
        for (var round = 0; round < 1_000; round++)
        {
            var regions = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (Has: random.Next(10), Wants: random.Next(10))).ToArray();
            var places = random.Next(40);

            var shares = FairShares.Divide(regions, places);

            shares.Sum().ShouldBe(Math.Min(places, regions.Sum(region => region.Wants)));
            for (var i = 0; i < regions.Length; i++)
            {
                shares[i].ShouldBeInRange(0, regions[i].Wants);
                var most = shares[i] == 0 ? 0 : regions[i].Has + shares[i];
                for (var other = 0; other < regions.Length; other++)
                {
                    (shares[other] < regions[other].Wants && regions[other].Has + shares[other] < most - 1).ShouldBeFalse($"{i} and {other} of {string.Join(' ', regions)}");
                }
            }
        }
    }
}
