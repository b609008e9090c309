// A plugin file that throws when it is loaded.
throw new Error("it broke on purpose");
