using Picasoft.Ops.Web.OnCall;

namespace Picasoft.Ops.Tests.Web.OnCall;

public sealed class BriefsTests
{
    [Theory]
    [InlineData("camille,sacha", "CA,SA")]
    [InlineData("camille,casimir,robin", "CAM,CAS,RO")]
    [InlineData("Jean Dupont,jean-marc,Jeanne", "JD,JM,JE")]
    [InlineData("Al,Alex,élodie,x", "AL,ALE,ÉL,X")]
    public void A_name_is_cut_to_as_few_letters_as_tell_it_apart(string people, string briefs) =>
        Assert.Equal(briefs.Split(','), people.Split(',').Select(p => Briefs.Of(people.Split(',').Reverse())[p]));
}
