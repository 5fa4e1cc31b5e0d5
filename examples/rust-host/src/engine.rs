//! The one place where an engine is made, for running and for compiling. So files that this program compiles have the
//! engine section that it loads.

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// How many instances, memories and tables the pool holds.
const POOL: u32 = 1000;

/// The configuration of wasmCloud's runtime: Wasmtime's defaults, a pool, the component model's newer proposals; and
/// fuel if the flag is set.
pub fn config(fuel: bool) -> Config {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_core_instances(POOL)
        .total_component_instances(POOL)
        .total_memories(POOL)
        .total_tables(POOL)
        .total_stacks(POOL);
    let mut config = Config::default();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .wasm_component_model_async(true)
        .wasm_component_model_map(true)
        .wasm_component_model_implements(true)
        .consume_fuel(fuel);
    config
}

pub fn engine(fuel: bool) -> Result<Engine> {
    Engine::new(&config(fuel))
}
