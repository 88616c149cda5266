using System.Globalization;
using System.Reflection;
using System.Resources;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Shell;

/// <summary>The texts of pages, in which <c>{0:line|lines}</c> is the form of a word that goes with a number (<see cref="Plural"/>); everything else is the platform's.</summary>
public sealed class CountingTexts(IOptions<LocalizationOptions> options, ILoggerFactory loggers) : ResourceManagerStringLocalizerFactory(options, loggers)
{
    private readonly ResourceNamesCache _names = new();
    private readonly ILogger _log = loggers.CreateLogger<CountingTexts>();

    protected override ResourceManagerStringLocalizer CreateResourceManagerStringLocalizer(Assembly assembly, string baseName) =>
        new Book(new ResourceManager(baseName, assembly), assembly, baseName, _names, _log);

    private sealed class Book(ResourceManager manager, Assembly assembly, string baseName, IResourceNamesCache names, ILogger log) : ResourceManagerStringLocalizer(manager, assembly, baseName, names, log)
    {
        public override LocalizedString this[string name, params object[] arguments]
        {
            get
            {
                var format = this[name];
                return new(name, string.Format(new Counting(CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture), format.Value, arguments), format.ResourceNotFound, format.SearchedLocation);
            }
        }
    }

    // Numbers and dates as the reader's country writes them, words in the language of the page.
    private sealed class Counting(CultureInfo culture, CultureInfo language) : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : culture.GetFormat(formatType!);

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) =>
            format?.Contains('|', StringComparison.Ordinal) == true ? Plural.Of(format, arg, language)
            : arg is IFormattable value ? value.ToString(format, culture)
            : arg?.ToString() ?? "";
    }
}

public static class CountingTextsModule
{
    public static IServiceCollection AddTexts(this IServiceCollection services) => services.AddLocalization().AddSingleton<IStringLocalizerFactory, CountingTexts>();
}
