from flask import Flask, request
import subprocess

app = Flask(__name__)

@app.route('/whois', methods=['POST'])
def whois():
    # the form has one field, "host"
    host = request.values.get('host', '')
    if host == '':
        return 'host is missing', 400

    # call whois for this host and return the line with "Registrar:" in it
