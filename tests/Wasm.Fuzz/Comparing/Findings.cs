using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>The folder with a named case for each kind of divergence: text, the module, and what each engine gave.</summary>
internal sealed partial class Findings(DirectoryInfo folder)
{
    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
    private int _number;

    /// <summary>Saves a case unless one of its kind is there already; its name, or null.</summary>
    public string? Save(string variant, string origin, ulong data, ulong[] choices, Verdict verdict)
    {
        var module = new ModuleGenerator(data, [Choices.Replay(choices)]).Make();
        folder.Create();
        var temporary = Path.Combine(folder.FullName, $".{Environment.ProcessId}.wasm");
        File.WriteAllBytes(temporary, module.Bytes);
        var text = Text(temporary);
        var function = Functions(text);
        string[] operations = [.. Operation().Matches(function).Select(match => match.Value).Where(name => !Plain().IsMatch(name)).Distinct()];
        if (!_kinds.Add($"{verdict.Agreement} {string.Join(' ', operations.Order(StringComparer.Ordinal))}"))
        {
            File.Delete(temporary);
            return null;
        }

        var name = Path.Combine(folder.FullName, $"{++_number}-{string.Join('-', operations.TakeLast(3).Select(operation => operation.Replace('.', '_')))}");
        File.Move(temporary, name + ".wasm", overwrite: true);
        File.WriteAllText(name + ".wat", text);
        File.WriteAllText(name + ".md", Describe(name, variant, origin, function, verdict));
        return name;
    }

    private static string Describe(string name, string variant, string origin, string function, Verdict verdict)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# {Path.GetFileName(name)}: {verdict.Agreement} ({variant}) {verdict.Words}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Found by `{origin}`. The function is the last of the module: `run(0, {verdict.Input}, results)`, then `finish()`.").AppendLine();
        text.AppendLine("```wat").AppendLine(function.TrimEnd()).AppendLine("```").AppendLine();
        text.AppendLine("| what | " + string.Join(" | ", verdict.Records.Select(record => record.Engine)) + " |");
        text.AppendLine("| --- |" + string.Concat(verdict.Records.Select(_ => " --- |")));
        foreach (var (what, show) in Parts())
        {
            string[] shown = [.. verdict.Records.Select(record => show(record.Record))];
            var differs = shown.Distinct().Count() > 1 ? " **differs**" : "";
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what}{differs} | {string.Join(" | ", shown)} |");
        }

        return text.ToString();
    }

    private static IEnumerable<(string What, Func<byte[], string> Show)> Parts()
    {
        yield return ("trap", record => GeneratedRecord.Trap(record) is > 0 and < GeneratedRecord.OtherTrap and var trap ? $"{(TrapCode)(trap - 1)}" : $"{GeneratedRecord.Trap(record)}");
        yield return ("hash of memory", record => Hex(record, 4, 4));
        var at = GeneratedRecord.Header;
        foreach (var (what, length) in ((string, int)[])
        [
            ("result i32", 4), ("result i64", 8), ("result f32", 4), ("result f64", 8), ("result v128", 16),
            ("global i32", 4), ("global i32", 4), ("global i64", 8), ("global i64", 8), ("global f32", 4), ("global f32", 4), ("global f64", 8), ("global f64", 8),
            ("global v128", 16), ("global v128", 16),
        ])
        {
            var start = at;
            yield return (what, record => Hex(record, start, length));
            at += length;
        }

        yield return ("tables and sizes", record => Hex(record, GeneratedRecord.Header + ModuleGenerator.SizesOffset, 100));
    }

    /// <summary>As numbers are read, the last byte first; a vector's lanes of 32 bits one after the other.</summary>
    private static string Hex(byte[] record, int at, int length) => length switch
    {
        4 => $"{BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)):x8}",
        8 => $"{BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(at)):x16}",
        16 => string.Join(' ', Enumerable.Range(0, 4).Select(lane => $"{BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at + (lane * 4))):x8}")),
        _ => Convert.ToHexStringLower(record, at, length),
    };

    /// <summary>The generated functions: those behind the export finish.</summary>
    private static string Functions(string text)
    {
        var finish = FinishExport().Match(text);
        if (!finish.Success)
        {
            return text;
        }

        var next = int.Parse(finish.Groups[1].Value, CultureInfo.InvariantCulture) + 1;
        var start = text.IndexOf($"(func (;{next};)", StringComparison.Ordinal);
        var end = text.IndexOf("\n  (table", Math.Max(0, start), StringComparison.Ordinal);
        return start < 0 ? text : text[start..(end < 0 ? text.Length : end)];
    }

    private static string Text(string module)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("wasm2wat", [module]) { RedirectStandardOutput = true })!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "wasm2wat of wabt writes the text; it was not found.";
        }
    }

    [GeneratedRegex(@"\b(?:[if]\d+(?:x\d+)?|v128|memory|table|ref|data|elem)\.\w+|\b(?:select|call_indirect)\b")]
    private static partial Regex Operation();

    [GeneratedRegex(@"^\w+\.const$")]
    private static partial Regex Plain();

    [GeneratedRegex("""\(export "finish" \(func (\d+)\)\)""")]
    private static partial Regex FinishExport();
}
