/** A program through which somebody calls a registry: the registry sees it as the caller. */
export function proxyOf(registry: string): { id: string; source: string } {
  const id = "registry_caller.aleo";
  const source = `import credits.aleo;
import ${registry};

program ${id};

function register:
    input r0 as field.public;
    input r1 as u64.public;
    input r2 as u64.public;
    call ${registry}/register_agent r0 r1 0field r2 into r3;
    async register r3 into r4;
    output r4 as ${id}/register.future;

finalize register:
    input r0 as ${registry}/register_agent.future;
    await r0;

function update:
    input r0 as field.public;
    call ${registry}/update_agent_performance r0 0field into r1;
    async update r1 into r2;
    output r2 as ${id}/update.future;

finalize update:
    input r0 as ${registry}/update_agent_performance.future;
    await r0;

constructor:
    assert.eq edition 0u16;
`;
  return { id, source };
}
