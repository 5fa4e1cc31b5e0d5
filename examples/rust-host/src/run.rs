//! Runs WASI commands: preview 1 for core modules, preview 2 for components.

use anyhow::{Context, Result};
use std::path::Path;
use wasmtime::component::{self, Component, ResourceTable};
use wasmtime::{Engine, Linker, Module, Precompiled, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

pub enum Code {
    Module(Module),
    Component(Component),
}

/// Opens a verified file. Wasmtime maps the file, so its pages are shared with other hosts and can be evicted.
pub fn open(engine: &Engine, file: &Path) -> Result<Code> {
    // SAFETY: a key that the policy trusts signed these bytes for this lane. The file is in a folder to which only this
    // user can write, and this program never changes a stored file: see `disk`.
    let code = unsafe {
        match Engine::detect_precompiled_file(file)? {
            Some(Precompiled::Module) => Code::Module(Module::deserialize_file(engine, file)?),
            Some(Precompiled::Component) => Code::Component(Component::deserialize_file(engine, file)?),
            None => anyhow::bail!("{}: not a file that Wasmtime serialized", file.display()),
        }
    };
    Ok(code)
}

/// Runs a command to its end and returns its exit code.
pub fn command(engine: &Engine, code: &Code, fuel: bool, name: &str, arguments: &[String]) -> Result<u8> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_stdio().inherit_env().arg(name).args(arguments);
    let ended = match code {
        Code::Module(module) => module_command(engine, module, wasi.build_p1(), fuel),
        Code::Component(component) => component_command(engine, component, wasi.build(), fuel),
    };
    match ended {
        Ok(code) => Ok(code),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(code)) => Ok(*code as u8),
            None => Err(error).context(format!("{name} trapped")),
        },
    }
}

fn module_command(engine: &Engine, module: &Module, wasi: WasiP1Ctx, fuel: bool) -> Result<u8> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_sync(&mut linker, |state: &mut WasiP1Ctx| state)?;
    let mut store = Store::new(engine, wasi);
    fill(&mut store, fuel)?;
    let instance = linker.instantiate(&mut store, module)?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call(&mut store, ())?;
    Ok(0)
}

struct Guest {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn component_command(engine: &Engine, component: &Component, wasi: WasiCtx, fuel: bool) -> Result<u8> {
    let mut linker = component::Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let mut store = Store::new(engine, Guest { wasi, table: ResourceTable::new() });
    fill(&mut store, fuel)?;
    let command = Command::instantiate(&mut store, component, &linker)?;
    let ended = command.wasi_cli_run().call_run(&mut store)?;
    Ok(if ended.is_ok() { 0 } else { 1 })
}

fn fill<T>(store: &mut Store<T>, fuel: bool) -> Result<()> {
    if fuel {
        store.set_fuel(u64::MAX)?;
    }
    Ok(())
}
