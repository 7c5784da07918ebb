using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text;

namespace XdpTop.Tests.Native;

/// <summary>
/// Has a C compiler compare what Native/ declares with the headers it was taken from: sizes, offsets, field sizes and
/// the values of constants. Fields, structs and constants have the same names in both languages.
/// </summary>
internal static class AbiChecker
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The constants that a class declares for others; private ones are its own business.</summary>
    public static IEnumerable<FieldInfo> Constants(Type type) =>
        type.GetFields(Members | BindingFlags.Static)
            .Where(f => f is { IsLiteral: true, IsPrivate: false } && !type.IsEnum);

    /// <summary>The C structs that a class declares; what is marked as an inline array stands for a C array.</summary>
    public static IEnumerable<Type> Structs(Type type) =>
        type.GetNestedTypes(Members)
            .Where(t => t is { IsValueType: true, IsEnum: false, IsNestedPrivate: false }
                && t.GetCustomAttribute<InlineArrayAttribute>() is null
                && t.GetCustomAttribute<CompilerGeneratedAttribute>() is null);

    /// <summary>The C source that only compiles if all that the class declares is as the headers have it.</summary>
    /// <param name="prefixes">Names of the structs of which C# declares the first fields only.</param>
    public static string Source(Type type, IEnumerable<string> headers, IReadOnlySet<string> prefixes)
    {
        StringBuilder c = new("#define _GNU_SOURCE\n#include <stddef.h>\n");
        foreach (string header in headers)
            c.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        foreach (FieldInfo constant in Constants(type))
        {
            object raw = constant.GetRawConstantValue()!;
            long value = raw is ulong bits ? unchecked((long)bits) : Convert.ToInt64(raw, CultureInfo.InvariantCulture);
            Assert(c, $"(long long)({constant.Name}) == {value}LL", $"{constant.Name} is {value} in C#");
        }
        foreach (Type structure in Structs(type))
        {
            string name = structure.Name;
            string compare = prefixes.Contains(name) ? ">=" : "==";
            Assert(c, $"sizeof(struct {name}) {compare} {SizeOf(structure)}", $"size of {name} is {SizeOf(structure)} in C#");
            foreach (FieldInfo field in structure.GetFields(Members | BindingFlags.Instance))
            {
                long offset = OffsetOf(structure, field);
                long size = SizeOf(field.FieldType);
                Assert(c, $"offsetof(struct {name}, {field.Name}) == {offset}", $"offset of {name}.{field.Name} is {offset} in C#");
                Assert(c, $"sizeof(((struct {name} *)0)->{field.Name}) == {size}", $"size of {name}.{field.Name} is {size} in C#");
            }
        }
        return c.ToString();
    }

    /// <summary>Compiles the source, writing nothing; gives what the compiler has against it, empty when nothing.</summary>
    public static string Compile(string source)
    {
        ProcessStartInfo start = new("clang", ["-fsyntax-only", "-x", "c", "-std=gnu11", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process clang = Process.Start(start)!;
        Task<string> errors = clang.StandardError.ReadToEndAsync();
        clang.StandardInput.Write(source);
        clang.StandardInput.Close();
        clang.WaitForExit();
        return clang.ExitCode == 0 ? "" : $"clang ended with {clang.ExitCode}: {errors.Result}";
    }

    private static void Assert(StringBuilder c, string condition, string message) =>
        c.Append(CultureInfo.InvariantCulture, $"_Static_assert({condition}, \"{message}\");\n");

    private static long SizeOf(Type type) =>
        type.IsPointer
            ? nint.Size
            : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>Where a field really is in managed memory: the address that code computes for it.</summary>
    private static unsafe long OffsetOf(Type structure, FieldInfo field)
    {
        DynamicMethod method = new("OffsetOf", typeof(long), [typeof(nint)], typeof(AbiChecker).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Ret);
        byte* memory = stackalloc byte[(int)SizeOf(structure)];
        return method.CreateDelegate<Func<nint, long>>()((nint)memory);
    }
}
