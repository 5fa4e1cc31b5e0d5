export const run = {
  run() {
    const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    console.log(JSON.stringify({ fib: fib(15), sorted: [3, 1, 2].sort(), big: `${2n ** 100n}` }));
  },
};
