export default defineCachedEventHandler(() => ({ number: Math.random() }), { maxAge: 60 });
