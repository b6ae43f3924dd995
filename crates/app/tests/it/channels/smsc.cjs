// An SMS centre for the tests: the SMPP server of npm "smpp". It prints what happens to it as JSON
// lines. What it does with a message depends on the last digit of its number:
//   1 delivered, reported twice       2 refused: no such number      3 not delivered
//   4 the first attempt throttled     5 reported before it answers   6 answers nothing and hangs up
//   7 the customer writes back        others: taken, nothing reported
const [folder] = process.argv.slice(2);
const smpp = require(require.resolve('smpp', { paths: [folder] }));

const say = (line) => console.log(JSON.stringify(line));
const seen = new Set();
let count = 0;

const receipt = (session, pdu, id, stat) => {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2603101942 done date:2603101943 stat:${stat} err:000 text:`;
  const back = {
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, short_message: text,
  };
  session.deliver_sm(back, (answer) => say({ confirmed: id, stat, status: answer.command_status }));
};

const server = smpp.createServer((session) => {
  session.on('error', (error) => say({ error: String(error) }));
  session.on('bind_transceiver', (pdu) => {
    const is_right = pdu.system_id === 'lamplight' && pdu.password === 'geheim';
    session.send(pdu.response(is_right ? {} : { command_status: smpp.ESME_RINVPASWD }));
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const last = pdu.destination_addr.slice(-1);
    const body = pdu.message_payload ?? pdu.short_message;
    const text = body.message ?? body;
    const id = `L${++count}`;
    say({
      to: pdu.destination_addr, from: pdu.source_addr, text: String(text), id,
      coding: pdu.data_coding, wants_receipt: pdu.registered_delivery,
    });
    if (last === '2') return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    if (last === '4' && !seen.has(pdu.destination_addr)) {
      seen.add(pdu.destination_addr);
      return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    }
    if (last === '5') receipt(session, pdu, id, 'DELIVRD');
    if (last === '6') return session.close();
    session.send(pdu.response({ message_id: id }));
    if (last === '1') { receipt(session, pdu, id, 'DELIVRD'); receipt(session, pdu, id, 'DELIVRD'); }
    if (last === '3') receipt(session, pdu, id, 'UNDELIV');
    if (last === '7') {
      const back = {
        source_addr: pdu.destination_addr, destination_addr: pdu.source_addr,
        data_coding: 8, short_message: '家里有制氧机',
      };
      session.deliver_sm(back, (answer) => say({ confirmed: 'reply', status: answer.command_status }));
    }
  });
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
